internal import Glibc

/// A program that the demo runs: in a process group of its own, and never longer than the demo.
struct Child {
  /// What it is, for people: "origin a".
  let name: String
  /// Its process and process group.
  let pid: pid_t
  /// The file in the workplace that its words go to.
  let log: String

  /// Starts `arguments[0]` with its output in `log`.
  ///
  /// It is started through `setpriv`, which asks the kernel to kill it when the demo's thread
  /// ends, however that happens (`PR_SET_PDEATHSIG`), and then becomes the program: one process.
  /// The corresponding C function is `posix_spawn`.
  init(
    _ name: String, _ arguments: [String], programs: Programs, log: String,
    in workplace: Workplace
  ) throws(DemoFailure) {
    self.name = name
    self.log = log
    let all = [programs.setpriv, "--pdeathsig", "KILL", "--"] + arguments
    var pid: pid_t = 0
    let code = Child.spawn(all, output: workplace[log], into: &pid)
    guard code == 0 else { throw .system("posix_spawn", arguments[0], code: code) }
    self.pid = pid
  }

  /// Sends a signal to it and to what it may have started; the C function is `kill`.
  func send(_ signal: Int32) { kill(-pid, signal) }

  /// How it ended, if it has; then its number is free.
  ///
  /// The corresponding C function is `waitpid`.
  func ending() -> String? {
    var status: Int32 = 0
    guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
  }

  /// Everything that the child must not inherit is undone: the mask and the ignored signal.
  private static func spawn(_ arguments: [String], output: String, into pid: inout pid_t) -> Int32 {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var usual = Signals.set
    unsafe sigaddset(&usual, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var files = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &files, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    unsafe posix_spawn_file_actions_adddup2(&files, 1, 2)

    var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
    defer { unsafe words.forEach { unsafe free($0) } }
    unsafe words.append(nil)
    return unsafe posix_spawn(&pid, arguments[0], &files, &attributes, words, environ)
  }
}
