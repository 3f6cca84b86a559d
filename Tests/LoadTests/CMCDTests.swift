import Testing

@testable import Load

@Suite struct `What a player tells of itself` {
  private var report: PlayerReport {
    var report = PlayerReport()
    report.object = .video
    report.isStarting = false
    report.startup = 412_000_000
    report.buffered = 12_340_000_000
    report.throughput = 25_430_000
    report.bandwidth = 2_500_000
    report.topBandwidth = 6_000_000
    report.duration = 2_000_000_000
    report.latency = 6_543_000_000
    return report
  }

  @Test func `stands in four fields, its keys in order`() {
    var writer = CMCDWriter(.v1, session: "6e2fb550", content: "/live.m3u8")

    #expect(
      writer.fields(report).split(separator: "\r\n") == [
        "CMCD-Object: br=2500,d=2000,ot=v,tb=6000",
        "CMCD-Request: bl=12300,dl=12300,mtp=25400",
        "CMCD-Session: cid=\"/live.m3u8\",sf=h,sid=\"6e2fb550\",st=l",
      ])
    #expect(writer.argument(report) == nil)
  }

  @Test func `has lists and more keys in version 2, and the start-up once`() {
    var writer = CMCDWriter(.v2, session: "6e2fb550", content: "c")

    #expect(
      writer.fields(report).split(separator: "\r\n") == [
        "CMCD-Object: br=(2500;v),d=2000,ot=v,tb=(6000;v)",
        "CMCD-Request: bl=(12300;v),dl=12300,ltc=6543,mtp=(25400;v),sn=1,sta=p",
        "CMCD-Session: cid=\"c\",msd=412,sf=h,sid=\"6e2fb550\",st=l,v=2",
      ])
    let second = writer.fields(report)
    #expect(second.contains("sn=2") && !second.contains("msd="))
  }

  @Test func `is one percent-encoded argument where it stands in the query`() {
    var manifest = PlayerReport()
    manifest.format = "d"
    manifest.isLive = false
    var writer = CMCDWriter(.v1query, session: "s", content: "c")

    #expect(writer.fields(manifest).isEmpty)
    #expect(
      writer.argument(manifest)
        == "CMCD=cid%3D%22c%22%2Cot%3Dm%2Csf%3Dd%2Csid%3D%22s%22%2Cst%3Dv%2Csu")
  }

  @Test func `tells each stall once`() {
    var stalled = report
    stalled.isStalled = true
    var writer = CMCDWriter(.v1, session: "s", content: "c")

    #expect(writer.fields(stalled).contains("CMCD-Status: bs"))
    #expect(!writer.fields(stalled).contains("CMCD-Status"))
    #expect(!writer.fields(report).contains("CMCD-Status"))
    #expect(writer.fields(stalled).contains("CMCD-Status: bs"))
  }

  @Test func `is nothing where it is not asked for`() {
    var writer = CMCDWriter(.none, session: "s", content: "c")

    #expect(writer.fields(report).isEmpty && writer.argument(report) == nil)
  }
}
