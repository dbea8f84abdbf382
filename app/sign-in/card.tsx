import type { ReactNode } from "react";
import { Logo } from "@/components/logo";
import { env } from "@/lib/env";
import css from "./sign-in.module.css";

/** The page for those who are not in yet: one calm card, and the signature beneath it. */
export function SignInCard({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <main className={css.page}>
      <div className={css.card}>
        <div className={css.brand}>
          <Logo size={24} /> Rollcall
          <span className={css.organisation}>{env().ROLLCALL_ORGANISATION}</span>
        </div>
        <div>
          <h1 className={css.title}>{title}</h1>
          {lead ? <p className={css.lead}>{lead}</p> : null}
        </div>
        {children}
      </div>
      <p className={css.foot}>
        <svg width="46" height="8" aria-hidden="true" stroke="currentColor" strokeWidth="2">
          <path d="M0 4h12" />
          <path d="M17 4h12" strokeDasharray="4 3" />
          <path d="M34 4h12" strokeDasharray="2 3" />
        </svg>
        Every sign-in, and every refused one, is recorded.
      </p>
    </main>
  );
}
