import type { Tx } from "../db/client";
import type { User } from "../db/generated/client";
import { AppError } from "../errors";

/**
 * A person's row, locked until the transaction ends.
 * @throws AppError `not_found`
 */
export async function lockPerson(tx: Tx, userId: string): Promise<User> {
  await tx.$executeRaw`select 1 from users where id = ${userId}::uuid for update`;
  const user = await tx.user.findUnique({ where: { id: userId } });
  if (!user) throw new AppError("not_found", "There is no such person here.");
  return user;
}

/**
 * Refuses when nobody but this person could administer Rollcall afterwards. Locks all administrators, in one order, so
 * that two of them who remove each other at the same time cannot both succeed.
 * @throws AppError `conflict`
 */
export async function assertAdministratorStays(tx: Tx, userId: string): Promise<void> {
  const administrators = await tx.$queryRaw<{ id: string; signedIn: boolean }[]>`
    select id, last_sign_in_at is not null as "signedIn" from users
    where 'administrator' = any(roles) and disabled_at is null order by id for update`;
  const isOne = administrators.some(({ id }) => id === userId);
  const othersWhoCame = administrators.filter(({ id, signedIn }) => id !== userId && signedIn);
  if (!isOne || othersWhoCame.length > 0) return;
  throw new AppError("conflict", "This is the last administrator: nobody could set up Rollcall afterwards.", {
    remedy: "Make another person administrator first; one who has signed in at least once.",
  });
}
