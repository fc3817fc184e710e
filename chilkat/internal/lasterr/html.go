package lasterr

// HTML renders the tree as a page.
func (l *Log) HTML() string { return "" }
