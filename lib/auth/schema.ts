import { z } from "zod";

/** The one-time secret of a sign-in link, as it stands behind the # of its address. */
export const redeemSignInLinkInput = z.object({ token: z.string().min(20).max(100) });
