internal import Store

extension StoreError {
  /// What is wrong with a volume or the index, and what to do, on one line.
  var line: String {
    let cause = code != 0 ? " (\(operation): \(text))" : kind == .badSize ? " (\(operation))" : ""
    return "\(path): \(finding)\(cause); \(advice)"
  }

  private var finding: String {
    switch kind {
    case .inUse: "it is open elsewhere"
    case .notAVolume: "it is no volume of Spillway, and is left alone"
    case .foreignFormat: "it was written by another version of Spillway"
    case .badSize: "its size does not do"
    case .noSpace: "there is no room for it"
    case .readOnly: "this user may not write it"
    case .missing: "it is not there"
    case .corrupt: "what is in it makes no sense"
    case .noMemory: "there is not enough memory or address space"
    case .mapFull: "it is full"
    default: "it cannot be used"
    }
  }

  private var advice: String {
    switch kind {
    case .inUse: "stop the node that has it, unmount it, or configure another path"
    case .notAVolume: "configure another path, or zero its first 4 KiB (dd bs=4096 count=1)"
    case .foreignFormat: "run that version, or remove it: its objects are fetched again"
    case .badSize: "give it at least 24 MiB and no more than is there; remove a file that was cut"
    case .noSpace: "free some, or configure a smaller size"
    case .readOnly: "let the node's user write it, and see that its file system is not read-only"
    case .missing: "a node makes it, in a directory that is there; see that a device is plugged in"
    case .corrupt: "run `spillway cache rebuild`"
    case .noMemory: "raise the limit (LimitAS=, vm.overcommit_memory)"
    case .mapFull: "give it more address space (LimitAS=), or have fewer objects"
    default: "see the kernel's log; without its `[[cache.volume]]` the node starts"
    }
  }
}
