namespace SoftIov.Api;

/// <summary>Configuration space of one function as <c>lspci -F FILE</c> reads it: a thousand functions are too much for one answer.</summary>
/// <param name="Text">The dump.</param>
/// <param name="Next">What to ask for next; null behind the last.</param>
public sealed record LspciResult(string Text, int? Next = null);
