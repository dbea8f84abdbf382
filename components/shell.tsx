"use client";

import { useSelectedLayoutSegment } from "next/navigation";
import type { ReactNode } from "react";

// Pages for those who are not signed in stand alone, also when a session ends in the middle of a visit.
const bare = ["sign-in"];

/** Puts the frame around a page, unless the page stands alone. */
export function Shell({
  className,
  before,
  after,
  children,
}: {
  className: string;
  before: ReactNode;
  after: ReactNode;
  children: ReactNode;
}) {
  const segment = useSelectedLayoutSegment();
  if (segment !== null && bare.includes(segment)) return children;
  return (
    <div className={className}>
      {before}
      {children}
      {after}
    </div>
  );
}
