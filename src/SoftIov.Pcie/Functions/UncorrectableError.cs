namespace SoftIov.Pcie;

/// <summary>Errors that belong to one function; the value is the bit in AER's uncorrectable registers (PCIe 7.8.4.2).</summary>
internal enum UncorrectableError
{
    PoisonedTlp = 12,
    CompletionTimeout = 14,
    CompleterAbort = 15,
    UnexpectedCompletion = 16,
    UnsupportedRequest = 20,
}
