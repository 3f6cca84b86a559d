internal import Glibc

/// Tells AddressSanitizer which pooled memory is free, so that pooling hides no use after free.
///
/// With `-DSPILLWAY_SANITIZE` freed blocks and slots are poisoned; in any other build these calls
/// are empty and vanish.
@safe enum AddressSanitizer {
  #if SPILLWAY_SANITIZE
    private typealias Mark = @convention(c) (UnsafeRawPointer?, Int) -> Void

    private static let poisonRegion: Mark? = unsafe lookUp("__asan_poison_memory_region")
    private static let unpoisonRegion: Mark? = unsafe lookUp("__asan_unpoison_memory_region")

    private static func lookUp(_ name: String) -> Mark? {
      guard let symbol = unsafe dlsym(nil, name) else { return nil }
      return unsafe unsafeBitCast(symbol, to: Mark.self)
    }
  #endif

  /// From now on every access to `region` is reported.
  @inline(__always)
  static func poison(_ region: UnsafeMutableRawBufferPointer) {
    #if SPILLWAY_SANITIZE
      unsafe poisonRegion?(region.baseAddress, region.count)
    #endif
  }

  /// `region` has an owner again.
  @inline(__always)
  static func unpoison(_ region: UnsafeMutableRawBufferPointer) {
    #if SPILLWAY_SANITIZE
      unsafe unpoisonRegion?(region.baseAddress, region.count)
    #endif
  }
}
