"use client";

import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** A link of the frame; marks itself while the reader is in its part of the product. */
export function NavigationLink({ href, className, children }: { href: Route; className: string; children: ReactNode }) {
  const here = usePathname();
  const current = here === href ? "page" : href !== "/" && here.startsWith(`${href}/`) ? "true" : undefined;
  return (
    <Link href={href} className={className} aria-current={current} prefetch={false}>
      {children}
    </Link>
  );
}
