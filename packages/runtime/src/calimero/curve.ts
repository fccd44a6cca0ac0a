/** Whether 32 bytes are a point of edwards25519, as the original host decides it: y is taken modulo the prime. */

const P = 2n ** 255n - 19n;
/** -121665/121666. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

export function isCurvePoint(encoded: Uint8Array): boolean {
  let y = 0n;
  for (let i = encoded.length - 1; i >= 0; i--) y = (y << 8n) | BigInt(encoded[i] as number);
  y = BigInt.asUintN(255, y) % P;
  const yy = (y * y) % P;
  // x² = (y² - 1) / (d·y² + 1) has a solution where the product of the two is a square.
  return power(((yy - 1n + P) * (D * yy + 1n)) % P, (P - 1n) / 2n) <= 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
