// Who is signed in, and what they may do.
import { get, post, setCsrfToken, whenSignedOut } from "./api.js";
import { Signal, useSignal } from "./signal.js";

const NOBODY = { username: null, roles: [], is_signed_in: false, must_sign_in: false,
  permissions: [], version: "", instance_name: "" };

export const session = new Signal(null);

function take(answer) {
  setCsrfToken(answer.csrf_token);
  session.set(answer);
  return answer;
}

// The session has ended, or another browser has signed out everywhere: the shell then asks to sign
// in, and comes back to where the reader was.
whenSignedOut(() => {
  if (session.value && !(session.value.must_sign_in && !session.value.is_signed_in)) {
    take({ ...NOBODY, must_sign_in: true, instance_name: session.value.instance_name });
  }
});

// Asks whether the session still is what it was. Where the server does not answer, it stays.
export async function checkSession() {
  try {
    take(await get("/ui/session"));
  } catch {
    // The stream of changes, which asks, tries again.
  }
}

export async function loadSession() {
  try {
    return take(await get("/ui/session"));
  } catch (error) {
    return take({ ...NOBODY, error });
  }
}

export async function signIn(username, password) {
  return take(await post("/ui/login", { username, password }));
}

export async function signOut() {
  await post("/ui/logout");
  return loadSession();
}

// May the reader do this? For example can("can_edit on Pools"). The server decides; this only
// keeps away what it would refuse.
export function can(permission) {
  const permissions = session.value?.permissions ?? [];
  return permissions === "all" || permissions.includes(permission);
}

export function useSession() {
  return useSignal(session);
}
