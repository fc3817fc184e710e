package chilkat

// base is nil for a nil Rest.
func (r *Rest) base() *object {
	if r == nil {
		return nil
	}
	return &r.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (r *Rest) LastErrorText() string { return r.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (r *Rest) LastErrorXml() string { return r.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (r *Rest) LastErrorHtml() string { return r.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (r *Rest) LastError() error { return r.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (r *Rest) LastMethodSuccess() bool { return r.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (r *Rest) SetLastMethodSuccess(success bool) { r.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (r *Rest) DebugLogFilePath() string { return r.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (r *Rest) SetDebugLogFilePath(path string) { r.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (r *Rest) VerboseLogging() bool { return r.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (r *Rest) SetVerboseLogging(verbose bool) { r.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (r *Rest) Version() string { return r.base().version() }
