namespace SoftIov.Api;

/// <summary>The <c>data</c> member of an error.</summary>
/// <param name="Errors">Everything that is wrong, in the order of the file.</param>
/// <param name="Steps">With <see cref="ControlErrorCode.StepFailed"/>: what was done and what was not.</param>
public sealed record ErrorData(IReadOnlyList<ErrorDetail>? Errors = null, IReadOnlyList<StepReport>? Steps = null)
{
    /// <summary>Everything that is wrong, in the order of the file.</summary>
    public IReadOnlyList<ErrorDetail> Errors { get; init; } = Errors ?? [];

    /// <summary>With <see cref="ControlErrorCode.StepFailed"/>: what was done and what was not.</summary>
    public IReadOnlyList<StepReport> Steps { get; init; } = Steps ?? [];
}
