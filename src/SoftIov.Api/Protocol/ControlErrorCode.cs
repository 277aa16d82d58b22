namespace SoftIov.Api;

/// <summary>Error codes of the control protocol: those of JSON-RPC 2.0, and the daemon's own.</summary>
public enum ControlErrorCode
{
    /// <summary>The line is not JSON, too long or too deep.</summary>
    ParseError = -32700,

    /// <summary>JSON, but no JSON-RPC 2.0 request.</summary>
    InvalidRequest = -32600,

    /// <summary>No such method.</summary>
    MethodNotFound = -32601,

    /// <summary>The parameters do not fit the method.</summary>
    InvalidParameters = -32602,

    /// <summary>A bug of the daemon.</summary>
    InternalError = -32603,

    /// <summary>The client could not reach the daemon, or lost it before the answer came.</summary>
    ConnectionLost = -32000,

    /// <summary>Desired state is wrong; every error is in the details, and nothing was changed.</summary>
    InvalidConfiguration = 1,

    /// <summary>No such adapter or function.</summary>
    NotFound = 2,

    /// <summary>Right but harmful now, for example because a guest would lose its device; <c>force</c> does it all the same.</summary>
    NeedsForce = 3,

    /// <summary>The host refused: a system call or a file failed.</summary>
    HostFailure = 4,

    /// <summary>QEMU refused, or its monitor could not be reached.</summary>
    Qemu = 5,

    /// <summary>A step of the plan failed; the details say what was done and what was not.</summary>
    StepFailed = 6,

    /// <summary>Another client has the function.</summary>
    InUse = 7,
}
