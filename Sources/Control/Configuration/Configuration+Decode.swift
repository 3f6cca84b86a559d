internal import Loop
internal import Policy
internal import Telemetry

extension Configuration {
  /// The longest configuration file.
  public static let fileBytesMax = 4 << 20

  /// Reads and decodes the file at `path`; every mistake in it is in the failure.
  public static func load(file path: String) throws(ConfigurationFailure) -> Configuration {
    let text: String
    do {
      text = try TextFile.read(path, bytesMax: fileBytesMax)
    } catch {
      throw ConfigurationFailure([
        ConfigurationProblem(line: 0, key: "", message: "cannot be read: \(error.reason)")
      ])
    }
    return try decode(text)
  }

  /// Decodes the text of a configuration file.
  ///
  /// Files that it names (`headers`) are read; nothing else is touched.
  public static func decode(_ text: String) throws(ConfigurationFailure) -> Configuration {
    let root: [String: TOMLNode]
    do {
      root = try TOMLNode.parse(text)
    } catch {
      throw ConfigurationFailure([error])
    }
    var shape = ShapeCheck(lines: LineIndex(text))
    let table = shape.check(root: root)
    var decoder = ConfigurationDecoder(shape: shape)
    let configuration = decoder.decode(table)
    guard decoder.shape.problems.isEmpty else {
      throw ConfigurationFailure(decoder.shape.problems)
    }
    return configuration
  }
}

/// Makes the configuration from checked tables and looks at what one key alone cannot tell.
struct ConfigurationDecoder {
  /// Takes the notes.
  var shape: ShapeCheck
  /// Whether there is a volume: rules may need one.
  var hasVolumes = false
  /// Servers that are probed, of the origins so far.
  var probedServers = 0

  init(shape: ShapeCheck) { self.shape = shape }

  /// The configuration; meaningful only if nothing was noted.
  mutating func decode(_ root: CheckedTable) -> Configuration {
    let node = root.table("node")
    let admin = root.table("admin")
    let origins = root.tables("origin")
    hasVolumes = !root.table("cache").tables("volume").isEmpty
    return Configuration(
      name: nodeName(node),
      workers: node.integer("workers"),
      resolvers: node.texts("resolver").compactMap { SocketAddress(resolver: $0) },
      state: node.optionalText("state"),
      listen: listen(root.tables("listen")),
      admin: Configuration.Admin(
        socket: admin.text("socket"), metrics: SocketAddress(internet: admin.text("metrics"))),
      log: log(root.table("log")),
      cache: cache(root.table("cache")),
      disk: disk(root.table("cache")),
      origins: self.origins(origins),
      sites: sites(root.tables("site"), origins: origins.map { $0.text("name") }))
  }

  // MARK: The node

  private mutating func nodeName(_ node: CheckedTable) -> String {
    if let name = node.optionalText("name") { return name }
    let name = HostIdentity.name()
    if TextForm.token.mistake(in: name) != nil, !node.written.contains("name") {
      shape.note(
        node.path.key("name"),
        "is missing, and the host name \"\(name)\" cannot stand in for it; write name = \"edge1\"")
    }
    return name
  }

  private mutating func listen(_ tables: [CheckedTable]) -> [ListenAddress] {
    var addresses: [ListenAddress] = []
    for table in tables {
      let text = table.text("address")
      guard let address = ListenAddress(text) else { continue }
      if addresses.contains(address), !address.isAnyPort {
        shape.note(table.path.key("address"), "= \"\(text)\" is listed twice; remove one")
      }
      addresses.append(address)
    }
    return addresses
  }

  private func log(_ table: CheckedTable) -> Configuration.Log {
    let access: Configuration.Log.Access =
      switch table.text("access") {
      case "": .off
      case "-": .standardOutput
      case let path: .file(path: path)
      }
    return Configuration.Log(level: level(table.text("level")), access: access)
  }

  private func level(_ word: String) -> ErrorRecord.Level {
    switch word {
    case "error": .error
    case "warning": .warning
    case "debug": .debug
    default: .info
    }
  }

  private mutating func cache(_ table: CheckedTable) -> CacheSettings {
    let memory = table.optionalSize("memory") ?? 0
    let eighth = memory / 8
    let hasVolumes = !table.tables("volume").isEmpty
    let largest = table.optionalSize("max_object")
    if let largest, largest > eighth, table.values["memory"] != nil, !hasVolumes {
      shape.note(
        table.path.key("max_object"),
        "= \"\(Quantity.text(bytes: largest))\" is more than an eighth of `cache.memory`; "
          + "write at most \"\(Quantity.text(bytes: eighth))\", raise `cache.memory` "
          + "or add a `[[cache.volume]]`")
    }
    return CacheSettings(
      memoryBytes: memory, objectBytesMax: largest ?? (hasVolumes ? 1 << 30 : min(1 << 30, eighth)),
      showsKey: table.boolean("status_key"))
  }

  private mutating func disk(_ table: CheckedTable) -> Configuration.Disk {
    var disk = Configuration.Disk(index: table.text("index"), volumes: [])
    for volume in table.tables("volume") {
      let path = volume.text("path")
      if disk.volumes.contains(where: { $0.path == path }), !path.isEmpty {
        shape.note(volume.path.key("path"), "= \"\(path)\" is listed twice; remove one")
      }
      disk.volumes.append(
        Configuration.Disk.Volume(path: path, bytes: volume.optionalSize("size") ?? 0))
    }
    return disk
  }
}
