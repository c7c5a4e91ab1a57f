import { signUp } from './actions';

export default function Page() {
  return (
    <form action={signUp}>
      <input name="email" type="email" placeholder="E-mail" required />
      <input name="name" placeholder="Name" required />
      <button type="submit">Sign up</button>
    </form>
  );
}
