//! All `unsafe` code: the parts of Node-API for which napi-rs has no safe or no fast form. The rest of the crate uses
//! [`Callback`], which is safe.
//!
//! # Why a threadsafe function of our own
//!
//! Each bridge has one. It delivers batches, is referenced only while calls are in flight and is torn down in the order
//! below. One per process would crash when a worker ends, as Node frees the functions of an env with it.
//!
//! # Teardown
//!
//! 1. Node runs cleanup hooks last in, first out. Ours was added after the threadsafe function was created, so it
//!    runs before Node closes that function by a hook of its own.
//! 2. Our hook takes the function out of `Callback` under its lock. Other threads call it only under this lock, so they
//!    cannot reach it any more.
//! 3. The hook releases the function and closes the receiver, which drops all later messages.
//! 4. Node finalizes the function, which gives its context, the `Callback`, back. Other threads may hold the `Callback` for
//!    longer; they never touch the env.
//!
//! Test runners reload modules, so a module may be dropped before its env ends. It then closes its `Callback` itself, which
//! removes the hook. The JavaScript function is referenced weakly while no call is in flight, so that Node does not keep the
//! module alive.

#![allow(unsafe_code, reason = "see the module's documentation")]

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{FnArgs, Function, JsValue, Object};
use napi::{Env, Result, check_status, sys};

/// The source of a [`Callback`]'s texts.
pub(crate) trait Receiver: Send + Sync + 'static {
    /// On the JavaScript thread: the next text for the function, if there is one, and whether there are more.
    fn next(&self) -> Option<(String, bool)>;
    /// On the JavaScript thread: the replacement for a text that could not be delivered.
    fn undeliverable(&self) -> String;
    /// On the JavaScript thread, after a text was delivered: whether the env must stay alive for more.
    fn after_delivery(&self) -> bool;
    /// The env ends.
    fn close(&self);
}

/// A JavaScript function that can be woken from the I/O thread, until its env ends.
pub(crate) struct Callback<R> {
    threadsafe: Mutex<Option<ThreadsafeFunction>>,
    /// Used only on the JavaScript thread; deleted when Node finalizes the threadsafe function.
    function: FunctionReference,
    receiver: R,
}

#[derive(Clone, Copy)]
struct ThreadsafeFunction(sys::napi_threadsafe_function);

// SAFETY: Node-API documents threadsafe functions as callable from any thread; the pointer is only used while
// `Callback` holds it, and taken out of there before Node frees what it points to (see Teardown).
unsafe impl Send for ThreadsafeFunction {}

struct FunctionReference(sys::napi_ref);

// SAFETY: other threads can hold the pointer, but it is used only with an env, on the env's thread.
unsafe impl Send for FunctionReference {}
// SAFETY: as above.
unsafe impl Sync for FunctionReference {}

impl<R: Receiver> Callback<R> {
    /// Wraps `function`, which takes a text and whether there are more. The next text is handed over only after another
    /// `wake`, in a later turn of the event loop: Node drains a threadsafe function for as long as it is called. The callback
    /// does not keep the process alive until [`Self::keep_alive`]. `resource` represents it in `async_hooks`.
    pub(crate) fn create(
        env: &Env,
        function: &Function<'_, FnArgs<(String, bool)>, ()>,
        resource: &Object<'_>,
        receiver: R,
    ) -> Result<Arc<Self>> {
        let mut reference = ptr::null_mut();
        // SAFETY: `env` is the current env and this is its thread; `function` is a function of it.
        check_status!(unsafe { sys::napi_create_reference(env.raw(), function.value().value, 0, &mut reference) })?;
        let this = Arc::new(Self { threadsafe: Mutex::default(), function: FunctionReference(reference), receiver });
        let mut name = ptr::null_mut();
        let mut created = ptr::null_mut();
        let context = Self::lend(&this);
        // SAFETY: as above, for `resource` too. `context` is an owned reference that `finalize` gives back; on failure it
        // is given back below.
        let status = unsafe {
            check_status!(sys::napi_create_string_latin1(env.raw(), c"refport".as_ptr(), 7, &mut name)).and_then(|()| {
                check_status!(sys::napi_create_threadsafe_function(
                    env.raw(),
                    ptr::null_mut(),
                    resource.raw(),
                    name,
                    0,
                    1,
                    context,
                    Some(finalize::<R>),
                    context,
                    Some(deliver::<R>),
                    &mut created,
                ))
            })
        };
        if let Err(error) = status {
            // SAFETY: the threadsafe function was not created, so `finalize` will not do either.
            unsafe {
                sys::napi_delete_reference(env.raw(), reference);
                drop(Self::give_back(context));
            }
            return Err(error);
        }
        *this.threadsafe() = Some(ThreadsafeFunction(created));
        let hook = Self::lend(&this);
        // SAFETY: the function is alive as it is held. The hook gives its reference back, or `close` does; on failure it is
        // given back below.
        let status = unsafe {
            check_status!(sys::napi_unref_threadsafe_function(env.raw(), created))
                .and_then(|()| check_status!(sys::napi_add_env_cleanup_hook(env.raw(), Some(clean_up::<R>), hook)))
        };
        if let Err(error) = status {
            // Node finalizes the function, which gives back its context.
            this.release();
            // SAFETY: no hook was added.
            drop(unsafe { Self::give_back(hook) });
            return Err(error);
        }
        Ok(this)
    }

    /// The receiver.
    pub(crate) fn receiver(&self) -> &R {
        &self.receiver
    }

    /// From any thread: makes the JavaScript thread deliver the receiver's next text.
    pub(crate) fn wake(&self) {
        if let Some(threadsafe) = *self.threadsafe() {
            let mode = sys::ThreadsafeFunctionCallMode::nonblocking;
            // SAFETY: it is alive as it is held, and the lock keeps it so for the duration of the call. The queue is
            // unbounded, so this fails only when Node is closing the function.
            unsafe { sys::napi_call_threadsafe_function(threadsafe.0, ptr::null_mut(), mode) };
        }
    }

    /// On the JavaScript thread: whether the env stays alive for later texts. Must alternate; false at first.
    pub(crate) fn keep_alive(&self, env: &Env, keep: bool) {
        if let Some(threadsafe) = *self.threadsafe() {
            let mut count = 0;
            // SAFETY: alive as it is held, and with it the reference; an `Env` exists only on its own thread.
            unsafe {
                if keep {
                    sys::napi_ref_threadsafe_function(env.raw(), threadsafe.0);
                    sys::napi_reference_ref(env.raw(), self.function.0, &mut count);
                } else {
                    sys::napi_unref_threadsafe_function(env.raw(), threadsafe.0);
                    sys::napi_reference_unref(env.raw(), self.function.0, &mut count);
                }
            }
        }
    }

    /// On the JavaScript thread: ends the use of the function before its env ends. Does nothing afterwards.
    pub(crate) fn close(this: &Arc<Self>, env: &Env) {
        if this.release() {
            let hook = Arc::as_ptr(this).cast_mut().cast();
            // SAFETY: the hook has not run, as it would have released the function. It is not going to, so the reference
            // that was lent to it is given back here.
            unsafe {
                sys::napi_remove_env_cleanup_hook(env.raw(), Some(clean_up::<R>), hook);
                drop(Self::give_back(hook));
            }
        }
    }

    /// Ends the use of the threadsafe function; false if it has ended before.
    fn release(&self) -> bool {
        let Some(threadsafe) = self.threadsafe().take() else { return false };
        // SAFETY: it was created with a thread count of one, which is given back here, once.
        unsafe {
            sys::napi_release_threadsafe_function(threadsafe.0, sys::ThreadsafeFunctionReleaseMode::release);
        }
        true
    }

    /// Calls the function; false if there is no memory for it, or the function throws.
    ///
    /// # Safety
    ///
    /// Must run on the thread of `env`, within a handle scope, before `finalize`.
    unsafe fn call(&self, env: sys::napi_env, text: &str, has_more: bool) -> bool {
        let mut undefined = ptr::null_mut();
        let mut function = ptr::null_mut();
        let mut result = ptr::null_mut();
        // SAFETY: by this function's contract. A function that has been collected gives a null pointer.
        unsafe {
            sys::napi_get_undefined(env, &mut undefined);
            sys::napi_get_reference_value(env, self.function.0, &mut function);
            let Some(text) = string(env, text) else { return false };
            let mut arguments = [text, ptr::null_mut()];
            sys::napi_get_boolean(env, has_more, &mut arguments[1]);
            !function.is_null()
                && sys::napi_call_function(env, undefined, function, 2, arguments.as_ptr(), &mut result)
                    == sys::Status::napi_ok
        }
    }

    fn threadsafe(&self) -> MutexGuard<'_, Option<ThreadsafeFunction>> {
        self.threadsafe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lend(this: &Arc<Self>) -> *mut c_void {
        Arc::into_raw(Arc::clone(this)).cast_mut().cast()
    }

    /// # Safety
    ///
    /// `context` must come from `lend` of the same type, and be given back once.
    unsafe fn give_back(context: *mut c_void) -> Arc<Self> {
        // SAFETY: by this function's contract.
        unsafe { Arc::from_raw(context.cast::<Self>()) }
    }
}

/// Hands one text to JavaScript.
unsafe extern "C" fn deliver<R: Receiver>(
    env: sys::napi_env,
    _function: sys::napi_value,
    context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() {
        return;
    }
    // SAFETY: the context is alive until `finalize`, which Node calls after the last call of this function.
    let this = unsafe { &*context.cast::<Callback<R>>() };
    let Some((text, has_more)) = this.receiver.next() else { return };
    // SAFETY: called by Node on the env's thread, inside a handle scope. What the function throws at the refusal stays
    // pending, and Node reports it as an uncaught exception.
    unsafe {
        if !this.call(env, &text, has_more) {
            let mut thrown = ptr::null_mut();
            sys::napi_get_and_clear_last_exception(env, &mut thrown);
            this.call(env, &this.receiver.undeliverable(), has_more);
        }
    }
    if !this.receiver.after_delivery() {
        this.keep_alive(&Env::from_raw(env), false);
    }
}

/// Node has closed the threadsafe function.
unsafe extern "C" fn finalize<R: Receiver>(env: sys::napi_env, context: *mut c_void, _hint: *mut c_void) {
    // SAFETY: this is the reference lent to the threadsafe function; Node finalizes once.
    let this = unsafe { Callback::<R>::give_back(context) };
    this.threadsafe().take();
    // SAFETY: `env` is alive, this is its thread, and nothing is delivered any more.
    unsafe { sys::napi_delete_reference(env, this.function.0) };
}

/// The env ends.
unsafe extern "C" fn clean_up<R: Receiver>(context: *mut c_void) {
    // SAFETY: this is the reference lent to the hook; Node runs it once.
    let this = unsafe { Callback::<R>::give_back(context) };
    this.release();
    this.receiver.close();
}

/// # Safety
///
/// Must run on the thread of `env`, within a handle scope.
unsafe fn string(env: sys::napi_env, text: &str) -> Option<sys::napi_value> {
    let mut value = ptr::null_mut();
    let (start, length) = (text.as_ptr().cast(), text.len().cast_signed());
    // SAFETY: the pointer and the length are those of one live string, which is copied.
    let status = unsafe {
        // V8 copies one-byte text several times faster if it need not look for more.
        if text.is_ascii() {
            sys::napi_create_string_latin1(env, start, length, &mut value)
        } else {
            sys::napi_create_string_utf8(env, start, length, &mut value)
        }
    };
    (status == sys::Status::napi_ok).then_some(value)
}
