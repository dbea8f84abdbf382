/** The roll: four lines with a gap, the last of them dotted. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="5" fill="var(--rc-ink)" />
      <g stroke="var(--rc-ink-inv)" strokeWidth="2">
        <path d="M4.5 6.5h13" />
        <path d="M4.5 11h6M12.5 11h5" />
        <path d="M4.5 15.5h2M8.2 15.5h2M11.9 15.5h2M15.6 15.5h2" />
      </g>
    </svg>
  );
}
