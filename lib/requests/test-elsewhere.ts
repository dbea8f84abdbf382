import { evaluateAccess } from "../access/evaluate-access";
import { readSession } from "../auth/session";
import { verifyToken } from "../auth/verify-token";
import { getGrant } from "../grants/queries";
import type { Question } from "./test-elsewhere-process";
import { worker } from "./test-world";

// For tests: another process of the product, with connections and whatever it keeps of its own, that is asked what is
// true here and now. Meanwhile it asks itself the same all the time, so that what it might remember is fresh in its mind.

const answers: { [Kind in Question["kind"]]: (it: Extract<Question, { kind: Kind }>) => Promise<unknown> } = {
  token: async ({ secret }) => (await verifyToken(secret)) !== null,
  session: async ({ secret }) => (await readSession(secret))?.roles ?? null,
  grant: async ({ id }) => (await getGrant(worker, id)).state,
  reads: async ({ account }) => {
    const asked = {
      subject: { type: "account", id: account },
      action: { name: "SELECT" },
      resource: { type: "table", id: "public.invoices" },
      context: { connection: "warehouse" },
    };
    const { evaluations } = await evaluateAccess(worker, { evaluations: [asked] });
    return evaluations[0];
  },
};

const answer = (question: Question) => answers[question.kind](question as never);

let murmured: Question[] = [];
async function murmur(): Promise<void> {
  for (;;) {
    for (const question of murmured) await answer(question).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
void murmur();

process.on("message", async ({ n, question }: { n: number; question: Question }) => {
  if (!murmured.some((it) => JSON.stringify(it) === JSON.stringify(question)))
    murmured = [...murmured.slice(-3), question];
  const said = await answer(question).then(
    (value) => ({ n, value }),
    (error) => ({ n, error: String(error) }),
  );
  process.send?.(said);
});
process.on("disconnect", () => process.exit(0));
