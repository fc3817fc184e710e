package hostile_test

// probes is every case that is no script of one peer.
func probes() []probe { return nil }
