/** What `--help` prints. */
export const helpText = `towpath-agent: relays traffic of peers that cannot reach each other, as the control plane asks

  towpath-agent [run]    runs the agent: --server URL [--auth-key KEY | --auth-key-file FILE]
  towpath-agent join     joins the network and ends: the same options as run
  towpath-agent set      --relay-server-port=40000 asks to relay on that port; the dashboard's switch decides.
                         --data-plane, --workers and --session-rate are kept for the next starts; what run is given
                         goes first. An empty value (--session-rate=) takes back
  towpath-agent status   what the running agent does; --json for programs

  --server URL           the control plane, for example http://control.example.com:3000; kept for the next start
  --auth-key KEY         an auth key from the dashboard, to join; not needed again
  --auth-key-file FILE   the same, read from a file at each try
  --data DIR             keys and state (default: /var/lib/towpath-agent for root, ~/.local/share/towpath-agent/data)
  --name NAME            the name to ask for (default: the machine's)
  --region TEXT          where its relay is, as shown on its page; counts when it joins
  --metrics-port PORT    /metrics and /healthz on loopback (default: 9410, another when it is taken)
  --data-plane NAME      auto (default): batched where this machine can; batched: many packets a system call, Linux with
                         glibc on x64 and arm64; dgram: everywhere
  --workers N            threads of the batched data plane (default: one a core, but one)
  --session-rate RATE    the most that one session may carry each way, such as 100mbit (default: no limit)
  --log-level LEVEL      debug, info, warn or error (default: info)
  --version, --help
`
