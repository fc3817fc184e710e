package terminal

const ttyPath = "CONIN$"
