namespace SoftIov.Pcie;

/// <summary>Errors that are lost for good; the value is the bit in AER's uncorrectable registers (PCIe 7.8.4.2).</summary>
public enum UncorrectableError
{
    /// <summary>Data link protocol error of the link; fatal at power-on.</summary>
    DataLinkProtocol = 4,

    /// <summary>A poisoned TLP arrived, such as the completion of a read.</summary>
    PoisonedTlp = 12,

    /// <summary>Flow control protocol error of the link; fatal at power-on.</summary>
    FlowControlProtocol = 13,

    /// <summary>A completion did not come.</summary>
    CompletionTimeout = 14,

    /// <summary>The function aborted a request.</summary>
    CompleterAbort = 15,

    /// <summary>A completion that nobody asked for.</summary>
    UnexpectedCompletion = 16,

    /// <summary>Receiver overflow of the link; fatal at power-on.</summary>
    ReceiverOverflow = 17,

    /// <summary>Malformed TLP on the link; fatal at power-on.</summary>
    MalformedTlp = 18,

    /// <summary>A request that the function does not support.</summary>
    UnsupportedRequest = 20,
}
