import { assertAdministratorStays } from "../auth/lock-person";
import { connectorNamed } from "../connectors/registry";
import { readIn, type Tx } from "../db/client";
import { AppError } from "../errors";
import { findAccounts } from "./find-holdings";

type Leaver = { id: string; name: string };

/**
 * Why somebody cannot leave now, or null: they are the last administrator, or Rollcall itself signs in somewhere by an
 * account of theirs. Asked when a leaving is ordered, and again when it begins: much may happen in between.
 */
export async function whyNotToLeave(tx: Tx, leaver: Leaver): Promise<AppError | null> {
  return (await isLastAdministrator(tx, leaver)) ?? (await ownAccountOf(tx, leaver));
}

async function isLastAdministrator(tx: Tx, { id, name }: Leaver): Promise<AppError | null> {
  const users = await tx.user.findMany({ where: { identityId: id, disabledAt: null }, select: { id: true } });
  for (const user of users) {
    try {
      await assertAdministratorStays(tx, user.id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const words = `${name} is the last administrator: nobody could set up Rollcall afterwards.`;
      return new AppError("conflict", words, { remedy: error.remedy, cause: error });
    }
  }
  return null;
}

/** What Rollcall signs in by itself would lock it out of the system that it is to take from. */
export async function ownAccountOf(tx: Tx, leaver: Leaver): Promise<AppError | null> {
  for (const account of await findAccounts(readIn(tx), leaver.id)) {
    const connector = connectorNamed(account.connector);
    const settings = connector?.settings.safeParse(account.settings);
    if (!connector?.isOwn || !settings?.success || !connector.isOwn(settings.data, account)) continue;
    return new AppError(
      "conflict",
      `Rollcall itself signs in to ${account.connection} as ${account.name}, so it cannot be taken.`,
      {
        remedy: `Give the connection ${account.connection} an account of its own, or remove the connection, and start again.`,
      },
    );
  }
  return null;
}
