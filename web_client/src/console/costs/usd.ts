/** An amount in dollars, with as many digits as say something: fractions of a cent are usual here. */
export function usd(amount: number): string {
  if (amount === 0) return "$0";
  if (amount < 0.0001) return `$${amount.toFixed(6)}`;
  return amount < 1
    ? `$${amount.toFixed(4)}`
    : `$${amount.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
