import Bytes
import Delivery
import Loop
import Origin
import Policy
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `A live segment that is not there` {
  @Test func `is waited for where it is the next of a DASH presentation`() {
    scenario(isAlwaysFast: true) { lab in
      let stream = NumberedStream(lab)
      _ = stream.get("main.mpd")
      stream.lags = [300]
      stream.wait(until: 10_000)
      let began = lab.now
      let late = stream.get("v-105.m4s")
      let took = lab.now - began

      #expect(late.status == 200)
      #expect(took >= Milliseconds(300) && took <= Milliseconds(500), "\(took.count)")
      #expect(stream.asked() <= 3)
      #expect(stream.edge.counted(.segmentsHeld) == 1)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `is 404 when the wait is over`() {
    scenario(isAlwaysFast: true) { lab in
      let stream = NumberedStream(lab)
      _ = stream.get("main.mpd")
      stream.lags = [1900]
      stream.wait(until: 10_000)
      let began = lab.now
      let missing = stream.get("v-105.m4s")
      let took = lab.now - began

      #expect(missing.status == 404)
      #expect(took <= Milliseconds(600), "\(took.count)")
      #expect(stream.asked() == 3)
      // As any other 404 it is kept for a moment from then on.
      lab.wait(Milliseconds(200))
      let again = stream.get("v-105.m4s")
      #expect(again.status == 404 && stream.asked() == 3)
      #expect(again.field("Cache-Status") == "edge;hit;ttl=0")
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `is asked for once for all who wait for it`() {
    scenario(isAlwaysFast: true) { lab in
      let stream = NumberedStream(lab)
      _ = stream.get("main.mpd")
      stream.lags = [1900]
      stream.wait(until: 10_000)
      let viewers = lab.viewers(8)
      for (index, viewer) in viewers.enumerated() {
        viewer.asks("/live/v-\(105 + index % 4).m4s")
        lab.wait(Milliseconds(50))
      }
      lab.untilDone(viewers)

      #expect(viewers.allSatisfy { $0.last.status == 404 })
      let targets = lab.origins[0].requests.map(\.target)
      #expect(targets.count { $0.hasSuffix("105.m4s") } == 3, "\(targets)")
      #expect(targets.count <= 8, "\(targets)")
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `is not waited for where an operator has switched that off, nor far from the edge`() {
    scenario(isAlwaysFast: true) { lab in
      let stream = NumberedStream(lab)
      _ = stream.get("main.mpd")
      stream.lags = [300]
      stream.wait(until: 10_000)
      let far = stream.get("v-200.m4s")
      let farAsked = stream.asked()
      stream.edge.node.streams.switches.set(.hold, false, origin: nil)
      let next = stream.get("v-105.m4s")

      #expect(far.status == 404 && farAsked == 1)
      #expect(next.status == 404 && stream.asked() == 2)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `comes from a twin of the same timeline`() {
    scenario { lab in
      lab.twins = .sameTimeline
      let stream = NumberedStream(lab, servers: 2)
      _ = stream.get("main.mpd")
      stream.frozen = [0: 90]
      stream.wait(until: 10_000)
      let missing = stream.get("v-105.m4s")
      let asked = stream.asked(1)
      let future = stream.get("v-900.m4s")

      #expect(missing.status == 200 && asked == 1)
      #expect(stream.edge.counted(.segmentsFromTwin) == 1)
      #expect(future.status == 404 && stream.asked(1) == 1)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `is never asked of an independent twin`() {
    scenario(isAlwaysFast: true) { lab in
      lab.twins = .independent
      let stream = NumberedStream(lab, servers: 2)
      _ = stream.get("main.mpd")
      stream.frozen = [0: 90]
      stream.wait(until: 10_000)

      #expect(stream.get("v-105.m4s").status == 404)
      #expect(stream.get("v-99.m4s").status == 404)
      #expect(stream.asked(1) == 0)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `is 404 where the twin that might have it is dead`() {
    scenario { lab in
      lab.twins = .sameTimeline
      let stream = NumberedStream(lab, servers: 2)
      _ = stream.get("main.mpd")
      stream.frozen = [0: 90]
      lab.origins[1].stopsListening()
      stream.wait(until: 10_000)

      #expect(stream.get("v-103.m4s").status == 404)
      lab.expectNothingLeft(of: stream.edge)
    }
  }

  @Test func `makes its presentation go over to the twin that has it and the next`() {
    scenario { lab in
      lab.twins = .sameTimeline
      let stream = NumberedStream(lab, servers: 2)
      _ = stream.get("main.mpd")
      stream.frozen = [0: 102]
      stream.wait(until: 8700)
      let first = stream.get("v-103.m4s")
      let switches = stream.edge.counted(.streamSwitches)
      stream.wait(until: 10_700)
      let second = [stream.get("v-104.m4s"), stream.get("v-105.m4s")]
      let lastOfOld = stream.asked(0)
      let manifest = stream.get("main.mpd")
      stream.wait(until: 12_700)
      let third = [stream.get("v-106.m4s"), stream.get("v-106.m4s?_sw=1")]

      #expect(first.status == 200 && switches == 0)
      #expect(second.map(\.status) == [200, 200])
      #expect(stream.edge.counted(.streamSwitches) == 1)
      #expect(String(decoding: manifest.body, as: UTF8.self).contains("v-$Number$.m4s?_sw=1"))
      #expect(third.map(\.status) == [200, 200])
      #expect(stream.asked(0) == lastOfOld)
      lab.expectNothingLeft(of: stream.edge)
    }
  }
}
