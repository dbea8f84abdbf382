import type { NextRequest } from "next/server";
import { answerSingleSignOn } from "@/lib/auth/single-sign-on";
import { identityOfEmail } from "@/lib/inventory/link-user";

type Context = { params: Promise<{ nextauth: string[] }> };

function answer(request: NextRequest, context: Context): Promise<Response> {
  return answerSingleSignOn(request, context, identityOfEmail);
}

export { answer as GET, answer as POST };
