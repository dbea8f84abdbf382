"use client";

import { createContext, useContext } from "react";

/** Who reads: their time zone, and the time now by the server's clock. */
export type ReaderFacts = { zone: string; nowMs: number };

const context = createContext<ReaderFacts>({ zone: "UTC", nowMs: 0 });

export const Reader = context.Provider;

export function useReaderFacts(): ReaderFacts {
  return useContext(context);
}
