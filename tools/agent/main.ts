// The agent from the checkout; a machine that only relays gets it as one file from its control plane.
import '../../agent/main.ts'
