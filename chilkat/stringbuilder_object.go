package chilkat

// base is nil for a nil StringBuilder.
func (sb *StringBuilder) base() *object {
	if sb == nil {
		return nil
	}
	return &sb.object
}

// LastErrorText is the log of the last method call or property set, as plain
// text; "" before the first one. It is kept on success too.
func (sb *StringBuilder) LastErrorText() string { return sb.base().lastErrorText() }

// LastErrorXml is the log of LastErrorText as an XML document.
func (sb *StringBuilder) LastErrorXml() string { return sb.base().lastErrorXML() }

// LastErrorHtml is the log of LastErrorText as a complete HTML page.
func (sb *StringBuilder) LastErrorHtml() string { return sb.base().lastErrorHTML() }

// LastError is the error behind LastErrorText, for errors.As and errors.Is;
// nil when the last call succeeded.
func (sb *StringBuilder) LastError() error { return sb.base().lastError() }

// LastMethodSuccess reports whether the last method call succeeded. When calls
// overlap, the one that returned last counts. A property leaves it alone.
func (sb *StringBuilder) LastMethodSuccess() bool { return sb.base().lastMethodSuccess() }

// SetLastMethodSuccess overwrites LastMethodSuccess.
func (sb *StringBuilder) SetLastMethodSuccess(success bool) { sb.base().setLastMethodSuccess(success) }

// DebugLogFilePath is the path of the file that records calls; "", the
// default, means none.
func (sb *StringBuilder) DebugLogFilePath() string { return sb.base().debugLogFilePath() }

// SetDebugLogFilePath makes every method call and property access append to
// this file: the name before the work, each line as it arises, the result. A
// file that cannot be written fails no call; a pipe is never opened.
func (sb *StringBuilder) SetDebugLogFilePath(path string) { sb.base().setDebugLogFilePath(path) }

// VerboseLogging reports whether the log has the lines that help debugging;
// the default is false.
func (sb *StringBuilder) VerboseLogging() bool { return sb.base().verboseLogging() }

// SetVerboseLogging turns the lines that help debugging on or off.
func (sb *StringBuilder) SetVerboseLogging(verbose bool) { sb.base().setVerboseLogging(verbose) }

// Version is the version of this library.
func (sb *StringBuilder) Version() string { return sb.base().version() }
