package chilkat

// base is nil for a nil OAuth1.
func (a *OAuth1) base() *object {
	if a == nil {
		return nil
	}
	return &a.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (a *OAuth1) LastErrorText() string { return a.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (a *OAuth1) LastErrorXml() string { return a.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (a *OAuth1) LastErrorHtml() string { return a.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (a *OAuth1) LastError() error { return a.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (a *OAuth1) LastMethodSuccess() bool { return a.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (a *OAuth1) SetLastMethodSuccess(success bool) { a.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (a *OAuth1) DebugLogFilePath() string { return a.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (a *OAuth1) SetDebugLogFilePath(path string) { a.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (a *OAuth1) VerboseLogging() bool { return a.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (a *OAuth1) SetVerboseLogging(verbose bool) { a.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (a *OAuth1) Version() string { return a.base().version() }
