"""Portuguese."""

from typing import Final

from pipelines.knowledge.analysis.stemmed import Lexicon

PORTUGUESE: Final = Lexicon(
    language="pt",
    stemmer="portuguese",
    everyday="""
    o a os as um uma uns umas de do da dos das em no na nos nas ao aos à às por pelo pela pelos pelas para pra com
    sem sob sobre entre até desde contra eu tu ele ela nós vós eles elas você vocês me te se lhe lhes meu minha meus
    minhas teu tua seu sua seus suas nosso nossa nossos nossas este esta estes estas esse essa esses essas isso isto
    aquele aquela e ou mas que quê quem qual quais como quando quanto quanta quantos quantas onde porque porquê é
    são sou somos ser era eram foi seja está estão estou estamos estar estava há havia tem têm tenho temos ter tinha
    pode podem posso podemos poder poderia deve devem devo fazer faz fazem faço quero quer querem querer queria
    gostaria vai vão vou vamos ir vem vir mais menos muito muita muitos muitas pouco pouca todo toda todos todas
    outro outra outros outras mesmo mesma cada algum alguma algo nada ninguém nenhum nenhuma já ainda sempre nunca
    também não sim aqui ali lá então depois assim bem obrigado obrigada olá bom boa dia tarde favor dizer diz diga
    saber sei sabe pergunta perguntas coisa coisas preciso precisa existe existem oferecem oferece funciona
    funcionam usar uso usa utilizar trabalha trabalham trabalhar só apenas exatamente realmente cerca mês meses ano
    anos anual mensal momento qualquer quiser quiserem encontram amanhã
    """,
    asks_price=r"\bquanto (?:e|fica|sai|seria)\b|^quanto\W*$",
    synonyms="""
    preço preços tarifa tarifas custo custos custa custam custar caro cara barato pagar pago pagamento euros dinheiro
    plano planos pacote pacotes assinatura
    desconto descontos promoção oferta
    fatura faturas faturação nota boleto transferência cartão
    contrato contratos fidelização fidelidade compromisso cancelar cancelamento rescindir rescisão prazo
    teste testes testar experimentar experiência grátis gratuito gratuita demo
    armazenar armazenados armazenam guardados guardam guardar alojados servidores servidor
    rgpd lgpd gdpr privacidade proteção conformidade conforme
    seguro segura segurança encriptados criptografia criptografados certificação certificado iso
    integração integrações integrar integra conectar ligação api compatível sincronizar
    ajuda ajudar ajudam suporte assistência apoio
    instalação instalar configurar configuração começar iniciar implementação onboarding
    idioma idiomas língua línguas português inglês espanhol francês fala falar
    utilizador utilizadores usuário usuários licença licenças
    chamada chamadas ligar liga telefone telefonar telefónica ligações
    humano humana pessoa pessoas atendente consultor colega
    robô bot máquina ia artificial computador
    gravação gravações gravar gravam gravadas gravada
    diferença diferente concorrência concorrentes comparar melhor
    empresa companhia escritório sede fundada
    reunião reuniões encontro agendamento
    """,
)
