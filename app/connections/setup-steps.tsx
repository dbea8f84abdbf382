"use client";

import { Button } from "@mantine/core";
import { useState } from "react";
import type { SetupStep } from "@/lib/connectors/contract";
import css from "./connections.module.css";

/** How to make an account that may only read, with the exact text to run. */
export function SetupSteps({ steps }: { steps: readonly SetupStep[] }) {
  return (
    <ol className={css.steps}>
      {steps.map((step) => (
        <li key={step.text}>
          <p>{step.text}</p>
          {step.code ? <Code text={step.code} /> : null}
        </li>
      ))}
    </ol>
  );
}

function Code({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  }
  return (
    <div className={css.code}>
      <pre>{text}</pre>
      <Button size="compact-xs" variant="default" className={css.copy} onClick={copy}>
        {copied ? "Copied" : "Copy"}
      </Button>
    </div>
  );
}
