# Varnish 7.1 before one origin. What matters here is Varnish's own default: misses are joined and
# streamed (beresp.do_stream), stale objects are refreshed behind the answer (grace).
# https://varnish-cache.org/docs/7.1/users-guide/vcl-grace.html
# Its parameters and its memory are on the command line, in peers.py.
vcl 4.1;

backend origin {
  .host = "127.0.0.1";
  .port = "@ORIGIN@";
}

# The built-in rules pass requests with a Cookie; a video player of this bench sends none.
sub vcl_backend_response {
  # As long as nginx serves stale while it updates; Varnish's default is 10 s.
  set beresp.grace = 1m;
}
