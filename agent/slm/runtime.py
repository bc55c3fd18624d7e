"""How ONNX Runtime runs here, for reader and writer alike."""

import onnxruntime as ort


def session_options(threads: int) -> ort.SessionOptions:
    """Options of a session; 0 threads leaves their number to the runtime.

    Spinning is off: idle CPU falls to nothing, latency stays. The arena is off and no pattern of memory is kept: lengths vary, and both
    would grow with each new one.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options
