//! A waPC guest without std: one call from the host, memory for it, and a trap for panics.
//!
//! `wapc-guest` does the same with std, a table of functions behind a lock, and std's texts about panics that nobody
//! ever reads: 22 KB in every policy, a sixth, and a fifth of the time of a fresh instance.
#![no_std]

extern crate alloc;

#[cfg(any(target_arch = "wasm32", test))]
mod heap;

use alloc::string::String;
use alloc::vec::Vec;

/// What a function of the guest answers: bytes, or why there are none.
pub type CallResult = Result<Vec<u8>, String>;

/// Answers one call of the host: reads the function's name and its payload, and hands over what `function` makes of
/// them. `None` says that there is no such function.
///
/// Gives what `__guest_call` has to return. Only the host of a wasm module can be asked; elsewhere nothing happens.
pub fn answer(name: usize, payload: usize, function: impl Fn(&[u8], &[u8]) -> Option<CallResult>) -> i32 {
    let (mut name, mut payload) = (alloc::vec![0; name], alloc::vec![0; payload]);
    host::request(&mut name, &mut payload);
    let answer = function(&name, &payload).unwrap_or_else(|| Err(unknown(&name)));
    match answer {
        Ok(bytes) => host::response(&bytes),
        Err(error) => host::error(&error),
    }
}

/// What `wapc-guest` says, by which hosts recognise it.
fn unknown(name: &[u8]) -> String {
    ["No handler registered for function ", str::from_utf8(name).unwrap_or_default()].concat()
}

#[cfg(target_arch = "wasm32")]
mod host {
    #[link(wasm_import_module = "wapc")]
    unsafe extern "C" {
        fn __guest_request(name: *mut u8, payload: *mut u8);
        fn __guest_response(at: *const u8, length: usize);
        fn __guest_error(at: *const u8, length: usize);
    }

    /// Fills in what the host called, and with what.
    pub(crate) fn request(name: &mut [u8], payload: &mut [u8]) {
        // SAFETY: both have the lengths that the host named in this call, and it writes no more.
        unsafe { __guest_request(name.as_mut_ptr(), payload.as_mut_ptr()) }
    }

    pub(crate) fn response(bytes: &[u8]) -> i32 {
        // SAFETY: the host copies the bytes before it returns.
        unsafe { __guest_response(bytes.as_ptr(), bytes.len()) }
        1
    }

    pub(crate) fn error(text: &str) -> i32 {
        // SAFETY: the host copies the bytes before it returns.
        unsafe { __guest_error(text.as_ptr(), text.len()) }
        0
    }

    /// A panic is a trap. Without its message the texts and the code that format it are left out of the module.
    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    pub(crate) fn request(_: &mut [u8], _: &mut [u8]) {}

    pub(crate) fn response(_: &[u8]) -> i32 {
        1
    }

    pub(crate) fn error(_: &str) -> i32 {
        0
    }
}
