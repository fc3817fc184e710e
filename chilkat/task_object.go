package chilkat

// base is nil for a nil Task.
func (t *Task) base() *object {
	if t == nil {
		return nil
	}
	return &t.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (t *Task) LastErrorText() string { return t.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (t *Task) LastErrorXml() string { return t.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (t *Task) LastErrorHtml() string { return t.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (t *Task) LastError() error { return t.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (t *Task) LastMethodSuccess() bool { return t.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (t *Task) SetLastMethodSuccess(success bool) { t.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (t *Task) DebugLogFilePath() string { return t.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (t *Task) SetDebugLogFilePath(path string) { t.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (t *Task) VerboseLogging() bool { return t.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (t *Task) SetVerboseLogging(verbose bool) { t.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (t *Task) Version() string { return t.base().version() }
