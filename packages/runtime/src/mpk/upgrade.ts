/** Whether one bundle may take the place of another of its package. */
import { err, ok, type Result } from "@dunlin/core/base";
import type { MpkErrorCode } from "./errors.ts";

/** `signer`: a `did:key`, or undefined for what nobody signed. */
export function checkUpgrade(
  installed: { readonly signer: string | undefined },
  next: { readonly signer: string | undefined },
): Result<null> {
  if (installed.signer === undefined || installed.signer === next.signer) return ok(null);
  const message =
    next.signer === undefined
      ? `the installed one is signed by ${installed.signer}, and this one is not signed`
      : `the installed one is signed by ${installed.signer}, and this one by ${next.signer}`;
  return err<MpkErrorCode>("MPK_UPGRADE_REFUSED", message);
}
