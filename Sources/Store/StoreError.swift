internal import CLMDB
internal import Glibc

/// What went wrong with a volume or with the index, in which call, and why.
///
/// A store that throws has changed nothing that it had promised: an object that was committed is
/// still found, one that was not is not. The node goes on with memory and origin.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  /// What can be done about it.
  public struct Kind: RawRepresentable, Equatable, Hashable, Sendable {
    /// The number of the kind; a number that is not listed here may come from a newer version.
    public let rawValue: UInt8

    /// Makes a kind of its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The device refused: it may work again, or never (`EIO` and whatever is not named below).
    public static let io = Kind(rawValue: 1)
    /// The file system is full, or a quota is (`ENOSPC`, `EDQUOT`, `EFBIG`).
    public static let noSpace = Kind(rawValue: 2)
    /// It may not be written: permissions or a read-only file system (`EROFS`, `EACCES`, `EPERM`).
    public static let readOnly = Kind(rawValue: 3)
    /// The index has grown to the size of its map: nothing can be added, all can be read.
    public static let mapFull = Kind(rawValue: 4)
    /// The bytes on the disk make no sense: the index must be built anew from the volumes.
    public static let corrupt = Kind(rawValue: 5)
    /// The file ended before the bytes that were asked for.
    public static let shortRead = Kind(rawValue: 6)
    /// Another process, or another part of this one, has it open.
    public static let inUse = Kind(rawValue: 7)
    /// A file or device that holds something else; it is left alone.
    public static let notAVolume = Kind(rawValue: 8)
    /// The zone was given up for new objects: what lay there is no more.
    public static let gone = Kind(rawValue: 9)
    /// There is no such file or folder (`ENOENT`, `ENOTDIR`, `ENXIO`, `ENODEV`).
    public static let missing = Kind(rawValue: 10)
    /// It was written by another version of Spillway, in a format that this one does not know.
    public static let foreignFormat = Kind(rawValue: 11)
    /// More readers than `StoreLimits.indexReadersMax`.
    public static let tooManyReaders = Kind(rawValue: 12)
    /// An earlier failure left the index unusable for writing: it must be opened anew.
    public static let halted = Kind(rawValue: 13)
    /// It is too small, or too large, to be used.
    public static let badSize = Kind(rawValue: 14)
    /// There was not enough memory or address space (`ENOMEM`).
    public static let noMemory = Kind(rawValue: 15)
  }

  /// What can be done about it.
  public let kind: Kind
  /// The `errno` of the call, or LMDB's result (a negative number); 0 where there is neither.
  public let code: Int32
  /// The C function that failed, or what was being done.
  public let operation: StaticString
  /// The volume or index that it is about; empty where the caller knows.
  public private(set) var path = ""

  /// Notes that `operation` failed.
  public init(_ kind: Kind, code: Int32 = 0, operation: StaticString) {
    self.kind = kind
    self.code = code
    self.operation = operation
  }

  /// Notes that `operation` failed with an `errno`; the kind follows from it.
  public init(code: Int32, operation: StaticString) {
    self.init(Self.kind(ofSystem: code), code: code, operation: operation)
  }

  /// Notes that an operation of LMDB failed with its result; the kind follows from it.
  init(lmdb code: Int32, operation: StaticString) {
    self.init(Self.kind(ofLMDB: code), code: code, operation: operation)
  }

  /// The same error, about the volume or index at `path`.
  public func at(_ path: String) -> StoreError {
    var error = self
    error.path = path
    return error
  }

  /// The reason in words, as in "No space left on device".
  ///
  /// The corresponding C functions are `strerrordesc_np` and, for LMDB's results, `mdb_strerror`.
  public var text: String {
    if code < 0, let text = unsafe mdb_strerror(code) { return unsafe String(cString: text) }
    if code > 0, let text = unsafe strerrordesc_np(code) { return unsafe String(cString: text) }
    return Self.text(of: kind)
  }

  /// Path, operation and reason, as in "/dev/sdb: fdatasync: Input/output error".
  public var description: String {
    path.isEmpty ? "\(operation): \(text)" : "\(path): \(operation): \(text)"
  }

  private static func kind(ofSystem code: Int32) -> Kind {
    switch code {
    case ENOSPC, EDQUOT, EFBIG: .noSpace
    case EROFS, EACCES, EPERM: .readOnly
    case ENOENT, ENOTDIR, ENXIO, ENODEV: .missing
    case EWOULDBLOCK, EBUSY, ETXTBSY: .inUse
    case EISDIR: .notAVolume
    case ENOMEM: .noMemory
    default: .io
    }
  }

  private static func kind(ofLMDB code: Int32) -> Kind {
    switch code {
    case MDB_MAP_FULL: .mapFull
    case MDB_READERS_FULL: .tooManyReaders
    case MDB_PANIC, MDB_BAD_TXN, MDB_BAD_RSLOT: .halted
    case MDB_VERSION_MISMATCH, MDB_INCOMPATIBLE, MDB_DBS_FULL: .foreignFormat
    // Among them MDB_INVALID, MDB_CORRUPTED and MDB_PAGE_NOTFOUND; the others (a full cursor, a
    // full page) cannot happen in a sound file with keys and values as short as ours.
    case ..<0: .corrupt
    default: kind(ofSystem: code)
    }
  }

  private static func text(of kind: Kind) -> String {
    switch kind {
    case .io: "it failed"
    case .noSpace: "there is no space left"
    case .readOnly: "it may not be written"
    case .mapFull: "the index is full"
    case .corrupt: "what is stored makes no sense"
    case .shortRead: "the file ends too early"
    case .inUse: "it is in use"
    case .notAVolume: "it is not a volume"
    case .gone: "it has been overwritten"
    case .missing: "it does not exist"
    case .foreignFormat: "it was written in another format"
    case .tooManyReaders: "there are too many readers"
    case .halted: "it must be opened anew"
    case .badSize: "its size cannot be used"
    case .noMemory: "there is not enough memory"
    default: "it failed (\(kind.rawValue))"
    }
  }
}

extension StoreError: Equatable {
  /// Whether the same operation failed for the same reason.
  public static func == (left: StoreError, right: StoreError) -> Bool {
    left.kind == right.kind && left.code == right.code
      && left.operation.description == right.operation.description
  }
}
