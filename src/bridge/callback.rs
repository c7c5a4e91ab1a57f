//! Everything that needs `unsafe`, and nothing else: the parts of Node-API that napi-rs has no safe or no fast enough
//! form for. The rest of the crate sees two safe things: [`Callback`] and [`export_parse_click_id`].
//!
//! # Why a threadsafe function of our own
//!
//! One per env, which settles whole batches, is referenced only while calls are in flight and is torn down in the order
//! below. One per process would crash when a worker ends, as an env takes its functions with it.
//!
//! # Teardown
//!
//! 1. Node runs cleanup hooks last in, first out. Ours was added after the threadsafe function was created, so it
//!    runs before Node closes that function by a hook of its own.
//! 2. Our hook takes the function out of `Callback` under its lock. From then on the I/O thread, which calls it only
//!    under the same lock, cannot reach it any more.
//! 3. The hook releases the function and tells the receiver, which throws away what still comes.
//! 4. Node finalizes the function, which gives `Callback`, its context, back. Tasks on the I/O thread may hold the
//!    receiver for longer; they never touch the env.
//!
//! # Why click IDs bypass the glue
//!
//! For a function from strings to a string, what `#[napi]` generates takes longer than plain JavaScript takes to parse
//! a small header: it asks for every length first, then zeroes and fills a vector. Here text is read into the stack.

#![allow(unsafe_code, reason = "see the module's documentation")]

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::panic::catch_unwind;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Function, JsValue, Object};
use napi::{Env, Result, check_status, sys};

use crate::cookie;

/// What a [`Callback`] gets its texts from.
pub trait Receiver: Send + Sync + 'static {
    /// On the JavaScript thread: the next text for the function, if there is one.
    fn next(&self) -> Option<String>;
    /// On the JavaScript thread, after a text was delivered.
    fn after_delivery(&self, env: &Env);
    /// The env ends.
    fn close(&self);
}

/// A JavaScript function that can be woken from the I/O thread, until its env ends.
pub struct Callback<R> {
    function: Mutex<Option<ThreadsafeFunction>>,
    receiver: R,
}

#[derive(Clone, Copy)]
struct ThreadsafeFunction(sys::napi_threadsafe_function);

// SAFETY: Node-API documents threadsafe functions as callable from any thread; the pointer is only used while
// `Callback` holds it, and taken out of there before Node frees what it points to (see Teardown).
unsafe impl Send for ThreadsafeFunction {}

impl<R: Receiver> Callback<R> {
    /// Wraps `function`, which takes one string. It does not keep the process alive until asked to.
    pub fn create(env: &Env, function: &Function<'_, String, ()>, receiver: R) -> Result<Arc<Self>> {
        let this = Arc::new(Self { function: Mutex::default(), receiver });
        let mut name = ptr::null_mut();
        let mut created = ptr::null_mut();
        let context = Self::lend(&this);
        // SAFETY: `env` is the current env and this is its thread; `function` is a function of it. `context` is an owned
        // reference that `finalize` gives back; on failure it is given back below.
        let status = unsafe {
            check_status!(sys::napi_create_string_latin1(env.raw(), c"refport".as_ptr(), 7, &mut name)).and_then(|()| {
                check_status!(sys::napi_create_threadsafe_function(
                    env.raw(),
                    function.value().value,
                    ptr::null_mut(),
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
            // SAFETY: the function was not created, so nobody else will give this reference back.
            drop(unsafe { Self::give_back(context) });
            return Err(error);
        }
        *this.function() = Some(ThreadsafeFunction(created));
        this.keep_alive(env, false);
        // SAFETY: as above; the hook gives its reference back.
        check_status!(unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(clean_up::<R>), Self::lend(&this)) })?;
        Ok(this)
    }

    /// The receiver.
    pub fn receiver(&self) -> &R {
        &self.receiver
    }

    /// From any thread: makes JavaScript ask the receiver for a text.
    pub fn wake(&self) {
        if let Some(function) = *self.function() {
            let mode = sys::ThreadsafeFunctionCallMode::nonblocking;
            // SAFETY: it is alive as it is held, and the lock keeps it so for the duration of the call. The queue is
            // unbounded, so this fails only when Node is closing the function: nobody is left then.
            unsafe { sys::napi_call_threadsafe_function(function.0, ptr::null_mut(), mode) };
        }
    }

    /// On the JavaScript thread: whether the env has to wait for what is to come.
    pub fn keep_alive(&self, env: &Env, keep: bool) {
        if let Some(function) = *self.function() {
            // SAFETY: alive as it is held; an `Env` exists only on its own thread.
            unsafe {
                if keep {
                    sys::napi_ref_threadsafe_function(env.raw(), function.0);
                } else {
                    sys::napi_unref_threadsafe_function(env.raw(), function.0);
                }
            }
        }
    }

    /// Ends the use of the function. Idempotent.
    pub fn release(&self) {
        if let Some(function) = self.function().take() {
            // SAFETY: it was created with a thread count of one, which is given back here, once.
            unsafe {
                sys::napi_release_threadsafe_function(function.0, sys::ThreadsafeFunctionReleaseMode::release);
            }
        }
    }

    fn function(&self) -> MutexGuard<'_, Option<ThreadsafeFunction>> {
        self.function.lock().unwrap_or_else(PoisonError::into_inner)
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
    function: sys::napi_value,
    context: *mut c_void,
    _data: *mut c_void,
) {
    if env.is_null() || function.is_null() {
        return;
    }
    // SAFETY: the context is alive until `finalize`, which Node calls after the last call of this function.
    let this = unsafe { &*context.cast::<Callback<R>>() };
    let Some(text) = this.receiver.next() else { return };
    let mut undefined = ptr::null_mut();
    let mut result = ptr::null_mut();
    // SAFETY: called by Node on the env's thread, inside a handle scope. What the function throws stays pending, and Node
    // reports it as an uncaught exception.
    unsafe {
        sys::napi_get_undefined(env, &mut undefined);
        if let Some(argument) = string(env, &text) {
            sys::napi_call_function(env, undefined, function, 1, &argument, &mut result);
        }
    }
    this.receiver.after_delivery(&Env::from_raw(env));
}

/// Node has closed the threadsafe function.
unsafe extern "C" fn finalize<R: Receiver>(_env: sys::napi_env, context: *mut c_void, _hint: *mut c_void) {
    // SAFETY: this is the reference lent to the threadsafe function; Node finalizes once.
    let this = unsafe { Callback::<R>::give_back(context) };
    this.function().take();
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

/// Units of text that are read into the stack; longer text goes through the heap.
const INLINE: usize = 1024;

/// Adds `parseClickId(header: string, name: string): string | null` to what the addon exports.
pub fn export_parse_click_id(env: &Env, exports: &Object<'_>) -> Result<()> {
    let name = c"parseClickId";
    let length = name.count_bytes().cast_signed();
    let mut function = ptr::null_mut();
    // SAFETY: `Env` and `Object` belong to the current scope and thread, and `name` is static.
    unsafe {
        check_status!(sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            length,
            Some(parse_click_id),
            ptr::null_mut(),
            &mut function,
        ))?;
        check_status!(sys::napi_set_named_property(env.raw(), exports.raw(), name.as_ptr(), function))
    }
}

/// Gives `null` for arguments that are no strings, and throws nothing.
unsafe extern "C" fn parse_click_id(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // A panic must not unwind into C++.
    let found = catch_unwind(|| {
        let mut arguments = [ptr::null_mut(); 2];
        let mut count = arguments.len();
        // SAFETY: Node-API called with this `env` and `info`. It fills in two arguments, `undefined` for missing ones, and
        // they are used before this call returns.
        unsafe {
            sys::napi_get_cb_info(env, info, &mut count, arguments.as_mut_ptr(), ptr::null_mut(), ptr::null_mut());
            let [header, name] = arguments;
            with_text(env, header, |header| {
                with_text(env, name, |name| cookie::click_id(header, name).and_then(|id| to_js(env, &id)))
            })
        }
    });
    found.ok().flatten().unwrap_or_else(|| {
        let mut null = ptr::null_mut();
        // SAFETY: still within the callback.
        unsafe { sys::napi_get_null(env, &mut null) };
        null
    })
}

/// Runs `read` on the text of `value`; `None` if it is no string or there is no memory for it.
///
/// # Safety
///
/// `value` must be a live handle of `env`, on whose thread this runs.
unsafe fn with_text<T>(
    env: sys::napi_env,
    value: sys::napi_value,
    read: impl FnOnce(&[u16]) -> Option<T>,
) -> Option<T> {
    // Copies at most `room - 1` units and a terminator, and says how many; without room it says how many there are.
    let copy = |to: *mut u16, room: usize| {
        let mut length = 0;
        // SAFETY: a live handle by contract; both callers below own `room` units at `to`.
        let status = unsafe { sys::napi_get_value_string_utf16(env, value, to, room, &mut length) };
        (status == sys::Status::napi_ok).then_some(length)
    };
    let mut inline = [const { MaybeUninit::<u16>::uninit() }; INLINE];
    let length = copy(inline.as_mut_ptr().cast(), INLINE)?;
    if length < INLINE - 1 {
        // SAFETY: the first `length` units have just been written.
        return read(unsafe { std::slice::from_raw_parts(inline.as_ptr().cast(), length) });
    }
    let room = copy(ptr::null_mut(), 0)? + 1;
    let mut long = Vec::new();
    long.try_reserve_exact(room).ok()?;
    long.resize(room, 0);
    let length = copy(long.as_mut_ptr(), room)?;
    long.get(..length).and_then(read)
}

/// Makes a JavaScript string; `None` if the engine cannot.
///
/// # Safety
///
/// Must run in a callback of `env`.
unsafe fn to_js(env: sys::napi_env, id: &[u16]) -> Option<sys::napi_value> {
    let mut string = ptr::null_mut();
    // SAFETY: pointer and length are those of one slice, which is copied.
    let status = unsafe { sys::napi_create_string_utf16(env, id.as_ptr(), id.len().cast_signed(), &mut string) };
    (status == sys::Status::napi_ok).then_some(string)
}
