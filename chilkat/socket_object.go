package chilkat

// base is nil for a nil Socket.
func (s *Socket) base() *object {
	if s == nil {
		return nil
	}
	return &s.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (s *Socket) LastErrorText() string { return s.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (s *Socket) LastErrorXml() string { return s.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (s *Socket) LastErrorHtml() string { return s.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (s *Socket) LastError() error { return s.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (s *Socket) LastMethodSuccess() bool { return s.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (s *Socket) SetLastMethodSuccess(success bool) { s.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (s *Socket) DebugLogFilePath() string { return s.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (s *Socket) SetDebugLogFilePath(path string) { s.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (s *Socket) VerboseLogging() bool { return s.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (s *Socket) SetVerboseLogging(verbose bool) { s.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (s *Socket) Version() string { return s.base().version() }
