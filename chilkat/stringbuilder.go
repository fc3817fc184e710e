package chilkat

type StringBuilder struct{ object }
