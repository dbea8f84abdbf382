import { transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { giveBack, spend } from "./limit-sign-in";
import { refuseSignIn } from "./refuse-sign-in";
import { hashOf } from "./secret";
import { type StartedSession, startSession } from "./session";
import { networkOf, type Visitor } from "./visitor";

/**
 * Signs in whoever holds a one-time link, once.
 * @throws AppError `unauthenticated` when the link is used, too old or unknown; `limited`
 */
export async function redeemSignInLink(visitor: Visitor, input: { token: string }): Promise<StartedSession> {
  const network = networkOf(visitor.ip);
  await spend("sign-in-network", network);
  try {
    const session = await transaction(async (tx) => {
      const used = await tx.$queryRaw<{ userId: string }[]>`
        update sign_in_links set used_at = ${now()}
        where token_hash = ${hashOf(input.token)} and used_at is null and expires_at > ${now()}
        returning user_id as "userId"`;
      const userId = used[0]?.userId;
      if (!userId) throw deadLink();
      return startSession(tx, { userId, authenticatedBy: "link", visitor });
    });
    await giveBack("sign-in-network", network);
    return session;
  } catch (error) {
    return refuseSignIn(visitor, "link", error);
  }
}

function deadLink(): AppError {
  return new AppError("unauthenticated", "This sign-in link does not work any more: it was used, or it is too old.", {
    remedy: "Links work once, for 30 minutes. Start Rollcall again, or run rollcall sign-in-link, to get a new one.",
  });
}
