"use client";

import { Button, type ButtonProps } from "@mantine/core";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";

type Props = ButtonProps & { href: Route; children: ReactNode };

/** A link that looks like a button: it goes somewhere and changes nothing. */
export function LinkButton({ href, children, ...button }: Props) {
  return (
    <Button component={Link} href={href} {...button}>
      {children}
    </Button>
  );
}
