const grouped = new Intl.NumberFormat("en-GB");

/** A number, grouped. */
export function numberWords(value: number): string {
  return grouped.format(value);
}

/** A number of things, grouped; "10,000+" where counting stopped. */
export function Count({ value, capped, className }: { value: number; capped?: boolean; className?: string }) {
  return (
    <span className={className}>
      {numberWords(value)}
      {capped ? "+" : ""}
    </span>
  );
}
