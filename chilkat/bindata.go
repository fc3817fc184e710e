package chilkat

type BinData struct{ object }
