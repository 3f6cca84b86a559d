internal import Bytes
internal import Glibc
public import Telemetry

/// Reads what the kernel knows about this process: CPU, memory, descriptors.
public struct ProcessReader: Sendable {
  private let started: WallTime

  /// Makes a reader; the process counts as started now.
  public init() { started = WallTime.read() }

  /// Puts the `process_*` values into `values`; what the kernel does not tell stays zero.
  ///
  /// Reads `/proc`, so it belongs on Control's thread. The corresponding C functions are
  /// `getrusage`, `getrlimit` and `readdir`.
  public func read(into values: inout NodeValues) {
    var usage = rusage()
    if unsafe getrusage(RUSAGE_SELF, &usage) == 0 {
      values[.processMicroseconds] =
        microseconds(usage.ru_utime) &+ microseconds(usage.ru_stime)
    }
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      values[.processDescriptorsMax] = UInt64(limit.rlim_cur)
    }
    let page = UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
    let pages = memoryPages()
    values[.processVirtualBytes] = pages.virtual &* page
    values[.processResidentBytes] = pages.resident &* page
    values[.processDescriptors] = openDescriptors()
    values[.processStartMilliseconds] = UInt64(max(0, started.milliseconds))
  }

  private func microseconds(_ time: timeval) -> UInt64 {
    UInt64(max(0, time.tv_sec)) &* 1_000_000 &+ UInt64(max(0, time.tv_usec))
  }

  /// The first two numbers of `/proc/self/statm` (proc(5)).
  private func memoryPages() -> (virtual: UInt64, resident: UInt64) {
    let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return (0, 0) }
    defer { close(descriptor) }
    var text: [64 of UInt8] = .init(repeating: 0)
    var span = text.mutableSpan
    let count = unsafe span.withUnsafeMutableBytes { buffer in
      unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }
    var numbers: [2 of UInt64] = [0, 0]
    var which = 0
    for index in 0..<max(0, count) {
      let digit = text[index] &- UInt8(ascii: "0")
      if digit < 10 { numbers[which] = numbers[which] &* 10 &+ UInt64(digit) } else { which += 1 }
      if which == 2 { break }
    }
    return (numbers[0], numbers[1])
  }

  /// The entries of `/proc/self/fd`, without the one that reads them.
  private func openDescriptors() -> UInt64 {
    guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    // Two entries are `.` and `..`, one is the folder itself.
    return UInt64(max(0, count - 3))
  }
}
