internal import Policy

extension ConfigurationKey {
  /// Every key that this version enforces, in the order of the reference file.
  static let all: [ConfigurationKey] = node + cache + origin + site

  private static let node: [ConfigurationKey] = [
    .init("node", .table, .absent("all defaults"), "The node itself."),
    .init(
      "node.name", .text(.token), .computed("the host name"),
      "The node's name in Via, Cache-Status, CDN-Loop and metrics."),
    .init(
      "node.workers", .integer, .value("0"), from: "0", to: "1024",
      "Worker threads; 0 means one per CPU."),
    .init(
      "node.resolver", .texts(.resolver), .computed("the servers of /etc/resolv.conf"),
      "The DNS servers that origin names are asked of."),
    .init(
      "node.state", .text(.path), .absent("nothing is remembered"),
      "A directory, made if it is not there: how live streams go on after a restart of the node."),
    .init(
      "listen[]", .tables, .required(example: "[[listen]] with address = \"0.0.0.0:80\""), to: "64",
      "Where viewers connect."),
    .init(
      "listen[].address", .text(.listenAddress), .required(example: "address = \"0.0.0.0:80\""),
      "IP address and port, \"unix:\" and a path, or \"systemd\" for the sockets of LISTEN_FDS."),
    .init(
      "admin", .table, .absent("all defaults"), "How the node is looked at and told what to do."),
    .init(
      "admin.socket", .text(.socketPath), .value("/run/spillway/admin.sock"),
      "The Unix socket that spillway status and purge talk to."),
    .init(
      "admin.metrics", .text(.metricsAddress), .value("127.0.0.1:9145"),
      "IP address and port of /metrics for Prometheus and of /healthz; \"\" is off."),
    .init("log", .table, .absent("all defaults"), "What is written where."),
    .init(
      "log.level", .choice(["error", "warning", "info", "debug"]), .value("info"),
      "The least important messages that go to standard error."),
    .init(
      "log.access", .text(.logFile), .value("/var/log/spillway/access.log"),
      "The file of JSON access records; \"-\" is standard output, \"\" is off."),
  ]

  private static let cache: [ConfigurationKey] = [
    .init("cache", .table, .absent("all defaults"), "What is kept."),
    .init(
      "cache.memory", .size, .value("512MiB"), from: "1MiB", to: "4TiB",
      "The memory for bodies: running fills and the memory tier."),
    .init(
      "cache.max_object", .size,
      .computed("1GiB; without volumes an eighth of cache.memory, if that is less"),
      from: "1KiB", to: "512GiB",
      "The largest object that is kept; larger ones stream. Without volumes at most an eighth of "
        + "cache.memory."),
    .init(
      "cache.status_key", .boolean, .value("false"),
      "Cache-Status names the key of each answer: for tests, as it tells how keys are made."),
    .init(
      "cache.index", .text(.path), .value("/var/lib/spillway/index"),
      "The directory of the index of all volumes; on a fast disk, made if it is not there."),
    .init(
      "cache.volume[]", .tables, .absent("no disk tier: memory alone"), to: "64",
      "Files or block devices that objects are kept on; keys are spread over them by size."),
    .init(
      "cache.volume[].path", .text(.path),
      .required(example: "path = \"/var/lib/spillway/volume\""),
      "A file, made and preallocated at the first start, or a block device; for one process."),
    .init(
      "cache.volume[].size", .size, .required(example: "size = \"100GiB\""), from: "24MiB",
      to: "64TiB", "How much of it is used; another size at the next start empties the volume."),
  ]

  private static let origin: [ConfigurationKey] = [
    .init(
      "origin[]", .tables, .required(example: "[[origin]] with name and server"), to: "4096",
      "Servers that publish the same content."),
    .init(
      "origin[].name", .text(.token), .required(example: "name = \"live\""),
      "The origin's name in sites, logs and metrics."),
    .init(
      "origin[].host", .text(.hostSent), .value("origin"),
      "The Host sent: \"origin\" (the URL's), \"viewer\" (as asked, part of the key), or a name."
    ),
    .init(
      "origin[].server[]", .tables,
      .required(example: "server = [{ url = \"http://origin.example.com\" }]"), to: "64",
      "Its servers, in the order of preference among equals."),
    .init(
      "origin[].server[].url", .text(.originURL),
      .required(example: "url = \"http://origin.example.com\""),
      "http://, a host, and if need be a port and a path that is put before every request's."),
    .init(
      "origin[].server[].weight", .integer, .value("1"), from: "1", to: "1000",
      "Its share of the requests relative to its siblings."),
    .init(
      "origin[].server[].backup", .boolean, .value("false"),
      "Asked only when no other server of the origin answers."),
    .init(
      "origin[].twins", .text(.word(OriginSettings.Twins.allCases.map(\.rawValue))),
      .value("auto"),
      "What servers share: same-bytes (and tags: one completes what another began), same-timeline, "
        + "independent; auto: independent until their playlists agree."),
    .init(
      "origin[].policy", .text(.word(OriginSettings.Policy.allCases.map(\.rawValue))),
      .absent("latched; round-robin where primaries have unequal weights"),
      "How its sound servers divide the fetches: the first gets all (latched), by turns, the "
        + "faster of two drawn by lot, or each a part of the keys (hash)."),
    .init(
      "origin[].max_fills", .integer, .value("1000"), from: "1", to: "1000000",
      "Fetches of it that run at a time in the whole node; more wait, playlists first."),
    .init(
      "origin[].hedge", .boolean, .value("true"),
      "With twins = \"same-bytes\" a second server is asked when the first is late."),
    .init(
      "origin[].shadow", .boolean, .value("false"),
      "Live presentations are only watched: switches and withheld playlists are noted and counted, "
        + "and playlists pass as they come."),
    .init(
      "origin[].return", .text(.word(OriginSettings.Return.allCases.map(\.rawValue))),
      .value("manual"),
      "With policy latched: whether live presentations go back to the first server that is no "
        + "backup by themselves, a minute after they left it, once it is well and ahead."),
    .init(
      "origin[].on_dead", .text(.word(OriginSettings.OnDead.allCases.map(\.rawValue))),
      .value("error"),
      "Live playlists when no server answers: an error, 1.5 target durations after their last "
        + "change (players may have another CDN), or the last one, for a day at most."),
    .init(
      "origin[].rewrite", .boolean, .value("false"),
      "Absolute URLs of its servers in playlists, manifests and redirects become paths of the edge."
    ),
    .init(
      "origin[].headers", .headers, .absent("none"),
      "Fields added to every request to it; a value \"file:/path\" is read from that file at start."
    ),
    .init("origin[].timeouts", .table, .absent("all defaults"), "How long the origin may take."),
    .init(
      "origin[].timeouts.connect", .duration, .value("500ms"), from: "1ms", to: "1m",
      "Until a connection is open."),
    .init(
      "origin[].timeouts.first_byte", .duration, .value("2s"), from: "1ms", to: "10m",
      "From the request sent to the first byte of the answer."),
    .init(
      "origin[].timeouts.stall", .duration, .value("1s"), from: "1ms", to: "10m",
      "Between two reads of a body."),
    .init(
      "origin[].health", .table, .absent("only viewers' requests tell which servers are well"),
      "Probes of each server, over a connection of their own each time."),
    .init(
      "origin[].health.path", .text(.requestTarget), .absent("only `playlist` is asked for"),
      "What is asked for behind each server's own path; one of path and playlist is required."),
    .init(
      "origin[].health.interval", .duration, .value("1s"), from: "100ms", to: "1h",
      "How often each server is probed, a tenth more or less at random."),
    .init(
      "origin[].health.timeout", .duration, .value("500ms"), from: "10ms", to: "1m",
      "How long an answer may take, connection and body included; at most interval."),
    .init(
      "origin[].health.fall", .integer, .value("2"), from: "1", to: "100",
      "Failed probes in a row after which a server is down."),
    .init(
      "origin[].health.rise", .integer, .value("3"), from: "1", to: "100",
      "Passed probes in a row after which a server that was down is up again."),
    .init(
      "origin[].health.status", .integers, .absent("every 2xx and 3xx"), from: "200", to: "599",
      "The statuses of path that pass."),
    .init(
      "origin[].health.body", .text(.phrase), .absent("any body"),
      "A text that must occur in the first 64 KiB of the answer to path."),
    .init(
      "origin[].health.playlist", .text(.requestTarget), .absent("none is watched"),
      "A live HLS playlist or DASH manifest that is asked for as well, as its viewers name it: it "
        + "must be answered by 2xx, and its stream is known before the first of them comes."
    ),
  ]

  private static let site: [ConfigurationKey] = [
    .init(
      "site[]", .tables, .required(example: "[[site]] with hosts and origin"), to: "4096",
      "The hosts of one publisher, which share a cache."),
    .init(
      "site[].name", .text(.siteName), .computed("its first host"),
      "The site's name in logs and metrics."),
    .init(
      "site[].hosts", .texts(.hostPattern), .required(example: "hosts = [\"live.example.com\"]"),
      "Host names that viewers ask for: exact, \"*.example.com\" for all below it, \"*\" for any."),
    .init(
      "site[].origin", .text(.token), .required(example: "origin = \"live\""),
      "The name of the origin that has its content."),
    .init(
      "site[].rule[]", .tables, .absent("the default policy by kind of object"), to: "256",
      "What holds for some paths; the first rule that matches decides."),
    .init(
      "site[].rule[].match", .text(.pathPattern), .required(example: "match = \"/vod/**\""),
      "The path: * is anything but a slash, ** is anything."),
    .init(
      "site[].rule[].ttl", .duration, .absent("as the origin says"), from: "0s", to: "3650d",
      "How long an answer is fresh, whatever the origin says; never stores what is private."),
    .init(
      "site[].rule[].stale", .duration, .absent("as the origin says"), from: "0s", to: "3650d",
      "How long past its freshness an answer may be served while it is fetched or the origin fails."
    ),
    .init(
      "site[].rule[].bypass", .boolean, .value("false"),
      "Requests go to the origin and nothing is kept."),
    .init(
      "site[].rule[].query", .query, .value("all"),
      "Arguments of the query that make another object: \"all\", \"none\", [names]; CMCD never."),
    .init(
      "site[].rule[].live", .boolean, .value("false"),
      "Live playlists are kept for their short default time even if the origin says no-cache."),
    .init(
      "site[].rule[].session", .boolean, .value("false"),
      "Playlists and manifests are made for one viewer (ad insertion): each request goes on whole, "
        + "to the same server as before; media is shared as always."),
    .init(
      "site[].rule[].presentation", .text(.presentationPattern),
      .absent("multivariant playlists tell, else each playlist is alone"),
      "What belongs to one live presentation: \"/live/*/**\" makes one of each directory of /live/."
    ),
    .init(
      "site[].rule[].error_ttl", .duration, .absent("as the origin says, for streams moments only"),
      from: "0s", to: "1d",
      "How long errors (400 and above) are kept, whatever the origin says; too long hides a repair."
    ),
    .init(
      "site[].rule[].heuristic", .boolean, .value("true"),
      "Where nothing is stated, a tenth of the time since Last-Modified is fresh (RFC 9111 4.2.2)."
    ),
    .init(
      "site[].rule[].request_directives", .choice(["ignore", "obey"]), .value("ignore"),
      "Cache-Control of viewers; obeyed, any viewer can send requests to the origin at will."),
    .init(
      "site[].rule[].ignore",
      .words(["no-store", "no-cache", "private", "set-cookie", "vary", "must-revalidate"]),
      .absent("the answer is obeyed"),
      "What is not heeded in answers; what was made for one viewer may then reach others."),
    .init(
      "site[].rule[].languages", .texts(.language), .absent("all that viewers ask for"),
      "Languages told apart where answers vary by Accept-Language; the first for all others."),
    .init(
      "site[].rule[].codings", .words(["gzip", "br", "zstd"]), .absent("gzip and br"),
      "Content codings told apart; the origin is not asked for others. Playlists and manifests are "
        + "asked for as they are, and compressed here unless gzip is missing."),
    .init(
      "site[].rule[].request_fields", .choice(["auto", "none", "all"]), .value("auto"),
      "Fields of the viewer who missed that go to the origin; auto is none for streams, all for "
        + "the rest; never Cookie, Authorization, CMCD, conditions and X-Forwarded-…."),
    .init(
      "site[].rule[].range", .choice(["auto", "whole", "forward"]), .value("auto"),
      "A range of what is not stored: fetch the whole, or forward it and keep the piece; auto is "
        + "forward, but for streams whole, media above 16 MiB excepted."),
    .init(
      "site[].rule[].slice", .size, .absent("objects are fetched whole"), from: "64KiB",
      to: "1MiB",
      "Large files are fetched and kept in slices of this size, each when it is wanted, under one "
        + "strong ETag; needs a volume."),
  ]

  /// Keys of the design that this version does not enforce, and so refuses.
  static let unsupported: Set<String> = [
    "node.pop", "node.location", "node.uplink",
    "listen[].proxy_protocol", "listen[].tls", "listen[].http2",
    "site[].token", "site[].geo", "site[].embed", "site[].rate",
    "fleet", "steering", "dns", "pressure",
  ]
}
