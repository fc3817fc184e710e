//go:build !purego && !race

#include "textflag.h"

// func maskVector(dst, src *byte, n int, key uint64)
// n is a multiple of 64 and not 0.
TEXT ·maskVector(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ key+24(FP), X0
	PUNPCKLQDQ X0, X0

block:
	MOVOU (SI), X1
	MOVOU 16(SI), X2
	MOVOU 32(SI), X3
	MOVOU 48(SI), X4
	PXOR  X0, X1
	PXOR  X0, X2
	PXOR  X0, X3
	PXOR  X0, X4
	MOVOU X1, (DI)
	MOVOU X2, 16(DI)
	MOVOU X3, 32(DI)
	MOVOU X4, 48(DI)
	ADDQ  $64, SI
	ADDQ  $64, DI
	SUBQ  $64, CX
	JNZ   block
	RET

// func asciiVector(p *byte, n int) int
// n is a multiple of 64 and not 0. A byte that is not ASCII has its highest bit set,
// and PMOVMSKB gathers those bits.
TEXT ·asciiVector(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), CX
	XORQ DX, DX

block:
	MOVOU    (SI)(DX*1), X1
	MOVOU    16(SI)(DX*1), X2
	MOVOU    32(SI)(DX*1), X3
	MOVOU    48(SI)(DX*1), X4
	POR      X1, X2
	POR      X3, X4
	POR      X2, X4
	PMOVMSKB X4, AX
	TESTL    AX, AX
	JNZ      done
	ADDQ     $64, DX
	CMPQ     DX, CX
	JLT      block

done:
	MOVQ DX, ret+16(FP)
	RET
