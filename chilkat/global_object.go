package chilkat

// base is nil for a nil Global.
func (g *Global) base() *object {
	if g == nil {
		return nil
	}
	return &g.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (g *Global) LastErrorText() string { return g.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (g *Global) LastErrorXml() string { return g.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (g *Global) LastErrorHtml() string { return g.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (g *Global) LastError() error { return g.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (g *Global) LastMethodSuccess() bool { return g.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (g *Global) SetLastMethodSuccess(success bool) { g.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (g *Global) DebugLogFilePath() string { return g.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (g *Global) SetDebugLogFilePath(path string) { g.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (g *Global) VerboseLogging() bool { return g.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (g *Global) SetVerboseLogging(verbose bool) { g.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (g *Global) Version() string { return g.base().version() }
