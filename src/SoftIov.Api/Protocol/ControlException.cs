namespace SoftIov.Api;

/// <summary>A call that the daemon (or QEMU behind it) answered with an error, or could not answer.</summary>
public sealed class ControlException : Exception
{
    /// <summary>With code, sentence and details.</summary>
    public ControlException(ControlErrorCode code, string message, ErrorData? data = null, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Details = data ?? new ErrorData();
    }

    /// <summary>What kind of error.</summary>
    public ControlErrorCode Code { get; }

    /// <summary>Everything that is wrong, and what was done before.</summary>
    public ErrorData Details { get; }

    /// <summary>One thing that is wrong, with its fix.</summary>
    public static ControlException Because(ControlErrorCode code, string message, string fix) =>
        new(code, message, new ErrorData { Errors = [new ErrorDetail(message, Fix: fix)] });
}
